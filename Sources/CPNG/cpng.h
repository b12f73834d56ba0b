// libpng 1.6. Included by FoveaCodecs only: libpng reports errors with longjmp, which must never cross a Swift frame.
#ifndef CPNG_H
#define CPNG_H

#include <png.h>

#endif
