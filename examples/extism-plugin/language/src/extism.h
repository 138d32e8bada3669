// What this plugin uses of Extism's kernel. The kits for C, Rust, Go … bring the whole of it.
#include <stdint.h>

#define KERNEL(name) __attribute__((import_module("extism:host/env"), import_name(#name)))
#define EXPORT(name) __attribute__((export_name(#name)))

KERNEL(input_length) extern uint64_t input_length(void);
KERNEL(input_load_u8) extern uint32_t input_load_u8(uint64_t offset);
KERNEL(alloc) extern uint64_t alloc(uint64_t length);
KERNEL(length) extern uint64_t length(uint64_t address);
KERNEL(load_u8) extern uint32_t load_u8(uint64_t address);
KERNEL(store_u8) extern void store_u8(uint64_t address, uint32_t byte);
KERNEL(output_set) extern void output_set(uint64_t address, uint64_t length);
KERNEL(config_get) extern uint64_t config_get(uint64_t key);
