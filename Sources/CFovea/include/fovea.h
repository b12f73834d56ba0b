// Fovea from C: convolutional networks, answered in milliseconds.
//
//     fovea_model *model;
//     fovea_session *session;
//     if (fovea_model_open("net.fovea", &model) || fovea_session_create(model, 1, &session)) {
//       puts(fovea_last_error());
//     }
//
// Ownership. What `open` and `create` give is the caller's to free, in any order: sessions and classifiers keep what
// they need of their model. What other functions point to belongs to the handle it came from and lives as long as that.
// Inputs are copied. A freed handle, like any freed pointer, must not be used again.
//
// Threads. A model never changes and may be shared by any threads. A session or classifier is for one caller at a time;
// give each thread its own.
//
// Tensors are 32-bit floats in row-major order with the shapes of the network that was converted: NCHW for images. A
// quantized network's are quantized and dequantized on the way.
//
// Errors. Every function checks its arguments: NULL, a missing index or a wrong count is an error, never a crash. A
// function that fails sets what it would have given to NULL or 0 and leaves arrays as they were. Strings are UTF-8.
#ifndef FOVEA_H
#define FOVEA_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum fovea_status {
  FOVEA_OK = 0,
  FOVEA_CANNOT_OPEN = 1,                  ///< a file is missing, a directory, or may not be read
  FOVEA_INVALID_MODEL = 2,                ///< the bytes are not a model that this version runs
  FOVEA_INVALID_INPUT = 3,                ///< an argument is NULL or does not fit the network
  FOVEA_BAD_IMAGE = 4,                    ///< not a JPEG or PNG, damaged, of an unsupported kind, or too large
  FOVEA_UNAVAILABLE_INSTRUCTION_SET = 5,  ///< the environment's FOVEA_ISA asks for what this processor lacks
} fovea_status;

/// The library's version, such as "0.1.0".
const char *fovea_version(void);

/// What went wrong, in one line, when a function last failed on this thread; "" when none has. The text stays until the
/// next failure on this thread.
const char *fovea_last_error(void);

/// A converted network, opened.
typedef struct fovea_model fovea_model;

/// An input or output of a network.
typedef struct fovea_tensor {
  const char *name;
  const int64_t *shape;  ///< [rank]
  size_t rank;
  size_t count;  ///< values in all: the product of the shape
} fovea_tensor;

/// Maps and checks the model file at `path`. It must not be changed in place while the model is open; replacing it by a
/// renamed file is fine.
fovea_status fovea_model_open(const char *path, fovea_model **model);

/// Checks a copy of a model file's bytes.
fovea_status fovea_model_open_bytes(const void *bytes, size_t size, fovea_model **model);

/// Frees a model; NULL is ignored.
void fovea_model_free(fovea_model *model);

/// The network's inputs in order; `*count` is how many. NULL where an argument is.
const fovea_tensor *fovea_model_inputs(const fovea_model *model, size_t *count);

/// The network's outputs in order; `*count` is how many. NULL where an argument is.
const fovea_tensor *fovea_model_outputs(const fovea_model *model, size_t *count);

/// The classes' names in order; `*count` is how many, 0 where the model has none. NULL where an argument is.
const char *const *fovea_model_labels(const fovea_model *model, size_t *count);

/// One running copy of a model.
typedef struct fovea_session fovea_session;

/// Plans a model for this machine. `threads`, 0 to 256, share the work, the caller's own among them; 0 takes a thread
/// for each core that the process may use. One session uses 56 at most.
fovea_status fovea_session_create(const fovea_model *model, int threads, fovea_session **session);

/// Frees a session; NULL is ignored.
void fovea_session_free(fovea_session *session);

/// Sets input number `index`, from 0; `count` must be the tensor's. Set every input before the first run; they
/// stay set.
fovea_status fovea_session_set_input(fovea_session *session, size_t index, const float *values, size_t count);

/// Computes the outputs from the inputs.
fovea_status fovea_session_run(fovea_session *session);

/// Copies output number `index`, from 0, of the last run. `count`, the room in `values`, must be the tensor's.
fovea_status fovea_session_get_output(const fovea_session *session, size_t index, float *values, size_t count);

/// A session that takes photos: JPEG or PNG, prepared as the model file says.
typedef struct fovea_classifier fovea_classifier;

/// One class that a classifier believes in.
typedef struct fovea_prediction {
  int index;          ///< the class's number, from 0
  float probability;  ///< in 0...1; over all classes these add up to 1
  const char *label;  ///< the class's name, its number where the model has no labels; the classifier's
} fovea_prediction;

/// Plans a model for this machine, with `threads` as for `fovea_session_create`. FOVEA_INVALID_INPUT where the model
/// does not say how photos become its input.
fovea_status fovea_classifier_create(const fovea_model *model, int threads, fovea_classifier **classifier);

/// Frees a classifier; NULL is ignored.
void fovea_classifier_free(fovea_classifier *classifier);

/// Classifies the photo at `path`. Writes the most probable classes, best first, into `predictions`, which has room for
/// `capacity`; `*count` is how many were written, fewer than that only where the network has fewer classes.
fovea_status fovea_classify_path(fovea_classifier *classifier, const char *path, fovea_prediction *predictions,
                                 size_t capacity, size_t *count);

/// The same for the bytes of an image file.
fovea_status fovea_classify_bytes(fovea_classifier *classifier, const void *bytes, size_t size,
                                  fovea_prediction *predictions, size_t capacity, size_t *count);

#ifdef __cplusplus
}
#endif

#endif
