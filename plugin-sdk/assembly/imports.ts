/** What the host offers a plugin, as it is imported. host.ts is the form to use. */

// @ts-ignore: decorator
@external('sluice', 'log')
export declare function logLine(level: i32, ptr: usize, len: i32): void

// @ts-ignore: decorator
@external('sluice', 'now')
export declare function hostNow(): f64

// @ts-ignore: decorator
@external('sluice', 'random')
export declare function fillRandom(ptr: usize, len: i32): void

// @ts-ignore: decorator
@external('sluice', 'sha256')
export declare function hostSha256(ptr: usize, len: i32, out: usize): void

// @ts-ignore: decorator
@external('sluice', 'regex_compile')
export declare function regexCompile(ptr: usize, len: i32): i32

// @ts-ignore: decorator
@external('sluice', 'regex_find_all')
export declare function regexFindAll(handle: i32, ptr: usize, len: i32, out: usize, maxPairs: i32): i32
