// libjpeg (libjpeg-turbo on every current distribution). Included by FoveaCodecs only: libjpeg reports errors with
// longjmp, which must never cross a Swift frame.
#ifndef CJPEG_H
#define CJPEG_H

#include <stddef.h>
#include <stdio.h>  // jpeglib.h uses FILE and size_t without declaring them

#include <jpeglib.h>

#include <jerror.h>

#endif
