// Says what is on a photo: example efficientnet_lite0.fovea photo.jpg
#include <fovea.h>
#include <stdio.h>

int main(int argc, char **argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: %s model.fovea photo.jpg\n", argv[0]);
    return 64;
  }
  fovea_model *model = NULL;
  fovea_classifier *classifier = NULL;
  fovea_prediction predictions[5];
  size_t count = 0;
  fovea_status status = fovea_model_open(argv[1], &model);
  if (status == FOVEA_OK) status = fovea_classifier_create(model, 1, &classifier);
  if (status == FOVEA_OK) status = fovea_classify_path(classifier, argv[2], predictions, 5, &count);
  if (status != FOVEA_OK) fprintf(stderr, "%s\n", fovea_last_error());
  for (size_t i = 0; i < count; i++) {
    printf("%5.1f%%  %s\n", 100 * (double)predictions[i].probability, predictions[i].label);
  }
  fovea_classifier_free(classifier);
  fovea_model_free(model);
  return (int)status;
}
