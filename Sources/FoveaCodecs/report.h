#ifndef FOVEA_CODECS_REPORT_H
#define FOVEA_CODECS_REPORT_H

#include "fovea_codecs.h"

/// Starts a report: no warnings, no message.
void fovea_report_clear(fovea_codec_report *report);

/// Stores a message, cut to fit, control characters replaced: parts of it can come from the file.
void fovea_report_message(fovea_codec_report *report, const char *message);

#endif
