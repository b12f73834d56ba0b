// The one thing of the C API that Swift cannot say without locks or memory to free: a variable of each thread.
#ifndef FOVEA_LAST_ERROR_H
#define FOVEA_LAST_ERROR_H

/// What `fovea_last_error` gives on this thread from now on. Control characters become spaces, so that it is one line;
/// what is longer than about a thousand bytes is cut.
void fovea_set_last_error(const char *message);

#endif
