// Where a Cortex-M7 begins: its vector table, and the FPU switched on before newlib's own start.

#include <stdint.h>

extern uint32_t __stack;
void _start(void);

void reset(void) {
  volatile uint32_t *const coprocessor_access = (volatile uint32_t *)0xe000ed88;
  *coprocessor_access |= 0xfu << 20;
  __asm__ volatile("dsb\n isb");
  _start();
}

/// Leaves the emulator, so that a fault is a failed test and not an endless one.
static void fault(void) {
  register uint32_t operation __asm__("r0") = 0x18;      // SYS_EXIT
  register uint32_t reason __asm__("r1") = 0x20023;      // ADP_Stopped_RunTimeErrorUnknown
  __asm__ volatile("bkpt 0xab" : : "r"(operation), "r"(reason));
  for (;;) {
  }
}

/// The first entry is the initial stack; then reset, NMI, hard fault, and the faults that escalate to it.
__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    &__stack, (void *)reset, (void *)fault, (void *)fault, (void *)fault, (void *)fault, (void *)fault,
};
