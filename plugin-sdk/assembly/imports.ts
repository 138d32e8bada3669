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
@external('sluice', 'monotonic')
export declare function hostMonotonic(): f64

// @ts-ignore: decorator
@external('sluice', 'hmac')
export declare function hostHmac(bits: i32, key: usize, keyLen: i32, ptr: usize, len: i32, out: usize): i32

// @ts-ignore: decorator
@external('sluice', 'key_import')
export declare function keyImport(ptr: usize, len: i32): i32

// @ts-ignore: decorator
@external('sluice', 'verify')
export declare function keyVerify(key: i32, algorithm: i32, ptr: usize, len: i32, signature: usize, signatureLen: i32): i32

// @ts-ignore: decorator
@external('sluice', 'bucket_take')
export declare function bucketTake(ptr: usize, len: i32, perSecond: f64, burst: f64, cost: f64, out: usize): i32

// @ts-ignore: decorator
@external('sluice', 'counter_add')
export declare function counterAdd(ptr: usize, len: i32, delta: f64, limit: f64, expiresAt: f64): f64

// @ts-ignore: decorator
@external('sluice', 'counter_get')
export declare function counterGet(ptr: usize, len: i32): f64

// @ts-ignore: decorator
@external('sluice', 'metric_add')
export declare function metricAdd(metric: i32, a: i32, b: i32, c: i32, value: f64): void

// @ts-ignore: decorator
@external('sluice', 'metric_set')
export declare function metricSet(metric: i32, a: i32, b: i32, c: i32, value: f64): void

// @ts-ignore: decorator
@external('sluice', 'metric_observe')
export declare function metricObserve(metric: i32, a: i32, b: i32, c: i32, value: f64): void

// @ts-ignore: decorator
@external('sluice', 'regex_compile')
export declare function regexCompile(ptr: usize, len: i32): i32

// @ts-ignore: decorator
@external('sluice', 'regex_find_all')
export declare function regexFindAll(handle: i32, ptr: usize, len: i32, out: usize, maxPairs: i32): i32

// @ts-ignore: decorator
@external('sluice', 'regex_match')
export declare function regexMatch(handle: i32, ptr: usize, len: i32, from: i32, here: i32, out: usize, maxPairs: i32): i32

// @ts-ignore: decorator
@external('sluice', 'log_fields')
export declare function logLineFields(level: i32, ptr: usize, len: i32, fields: usize, fieldsLen: i32): void

// @ts-ignore: decorator
@external('sluice', 'pbkdf2')
export declare function hostPbkdf2(
  bits: i32, password: usize, passwordLen: i32, salt: usize, saltLen: i32, iterations: i32, out: usize
): i32

// @ts-ignore: decorator
@external('sluice', 'kv_get')
export declare function kvGet(key: usize, keyLen: i32, out: usize, room: i32): i32

// @ts-ignore: decorator
@external('sluice', 'kv_set')
export declare function kvSet(key: usize, keyLen: i32, ptr: usize, len: i32, ttlMs: f64): i32

// @ts-ignore: decorator
@external('sluice', 'kv_delete')
export declare function kvDelete(key: usize, keyLen: i32): i32

// @ts-ignore: decorator
@external('sluice', 'kv_compare_set')
export declare function kvCompareSet(
  key: usize, keyLen: i32, old: usize, oldLen: i32, ptr: usize, len: i32, ttlMs: f64
): i32

// @ts-ignore: decorator
@external('sluice', 'json_get')
export declare function jsonGet(pointer: usize, pointerLen: i32, out: usize, room: i32): i32

// @ts-ignore: decorator
@external('sluice', 'json_set')
export declare function jsonSet(pointer: usize, pointerLen: i32, ptr: usize, len: i32): i32

// @ts-ignore: decorator
@external('sluice', 'json_remove')
export declare function jsonRemove(pointer: usize, pointerLen: i32): i32

// @ts-ignore: decorator
@external('sluice', 'json_text')
export declare function jsonText(out: usize, room: i32): i32

// @ts-ignore: decorator
@external('sluice', 'words_compile')
export declare function wordsCompile(ptr: usize, len: i32, rules: i32): i32

// @ts-ignore: decorator
@external('sluice', 'words_find')
export declare function wordsFind(handle: i32, ptr: usize, len: i32, out: usize, max: i32): i32

// @ts-ignore: decorator
@external('sluice', 'tokens_count')
export declare function tokensCount(encoding: i32, ptr: usize, len: i32): i32

// @ts-ignore: decorator
@external('sluice', 'schema_compile')
export declare function schemaCompile(ptr: usize, len: i32, out: usize, room: i32): i32

// @ts-ignore: decorator
@external('sluice', 'schema_check')
export declare function schemaCheck(handle: i32, ptr: usize, len: i32, out: usize, room: i32, max: i32): i32
