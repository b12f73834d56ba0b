#ifndef ALLOCATION_COUNTER_H
#define ALLOCATION_COUNTER_H

/// How often any thread of this process has asked the C library for memory. Linking this target replaces malloc and its
/// relatives by ones that count and then do what glibc's do.
unsigned long allocation_count(void);

#endif
