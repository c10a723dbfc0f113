// Hints to the compiler, each with a plain fallback. No state.
#ifndef HD_BASE_HINTS_H
#define HD_BASE_HINTS_H

#if defined(__GNUC__)
#define hd_likely(x) __builtin_expect(!!(x), 1)
#define hd_unlikely(x) __builtin_expect(!!(x), 0)
#define hd_noinline __attribute__((noinline))
#define hd_printf_like(fmt, args) __attribute__((format(printf, fmt, args)))
// The code address this function returns to: "where in the source" of whoever called it.
#define hd_caller() ((uint64_t)(uintptr_t)__builtin_return_address(0))
#else
#define hd_likely(x) (x)
#define hd_unlikely(x) (x)
#define hd_noinline
#define hd_printf_like(fmt, args)
#define hd_caller() ((uint64_t)0)
#endif

// Two writers on one cache line slow each other down; 64 bytes is the line of x86-64 and most of aarch64.
#define HD_CACHE_LINE 64

#endif
