#include "report.h"

void fovea_report_clear(fovea_codec_report *report) {
  report->warnings = 0;
  report->message[0] = '\0';
}

void fovea_report_message(fovea_codec_report *report, const char *message) {
  size_t i = 0;
  for (; message[i] != '\0' && i + 1 < FOVEA_CODEC_MESSAGE_SIZE; i++) {
    const char c = message[i];
    report->message[i] = (c >= ' ' && c <= '~') ? c : '?';
  }
  report->message[i] = '\0';
}
