#include "fovea.h"
#include "last_error.h"

static _Thread_local char last_error[1024];

const char *fovea_last_error(void) { return last_error; }

void fovea_set_last_error(const char *message) {
  size_t end = 0;
  for (; message[end] != 0 && end < sizeof last_error - 1; end++) {
    unsigned char byte = (unsigned char)message[end];
    last_error[end] = byte < 0x20 || byte == 0x7f ? ' ' : (char)byte;
  }
  // Never half a character: a cut goes back to where the next one begins.
  if (message[end] != 0) {
    while (end > 0 && ((unsigned char)message[end] & 0xc0) == 0x80) { end--; }
  }
  last_error[end] = 0;
}
