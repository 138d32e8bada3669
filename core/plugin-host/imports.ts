/**
 * The host functions a plugin may import, by module, each with its signature as `signatureText` writes it. The check
 * of a module and the implementation of the functions both go by this table.
 */
export type HostFunctions = Readonly<Record<string, Readonly<Record<string, string>>>>

export const HOST_FUNCTIONS = {
  /** Sluice's own: pointers and lengths are into the plugin's exported memory. */
  sluice: {
    log: '(i32, i32, i32) -> ()',
    now: '() -> f64',
    random: '(i32, i32) -> ()',
    monotonic: '() -> f64',
    sha256: '(i32, i32, i32) -> ()',
    hmac: '(i32, i32, i32, i32, i32, i32) -> i32',
    key_import: '(i32, i32) -> i32',
    verify: '(i32, i32, i32, i32, i32, i32) -> i32',
    bucket_take: '(i32, i32, f64, f64, f64, i32) -> i32',
    counter_add: '(i32, i32, f64, f64, f64) -> f64',
    counter_get: '(i32, i32) -> f64',
    metric_add: '(i32, i32, i32, i32, f64) -> ()',
    metric_set: '(i32, i32, i32, i32, f64) -> ()',
    metric_observe: '(i32, i32, i32, i32, f64) -> ()',
    regex_compile: '(i32, i32) -> i32',
    regex_find_all: '(i32, i32, i32, i32, i32) -> i32',
    regex_match: '(i32, i32, i32, i32, i32, i32, i32) -> i32',
    log_fields: '(i32, i32, i32, i32, i32) -> ()',
    pbkdf2: '(i32, i32, i32, i32, i32, i32, i32) -> i32',
    kv_get: '(i32, i32, i32, i32) -> i32',
    kv_set: '(i32, i32, i32, i32, f64) -> i32',
    kv_delete: '(i32, i32) -> i32',
    kv_compare_set: '(i32, i32, i32, i32, i32, i32, f64) -> i32',
    json_get: '(i32, i32, i32, i32) -> i32',
    json_set: '(i32, i32, i32, i32) -> i32',
    json_remove: '(i32, i32) -> i32',
    json_text: '(i32, i32) -> i32',
    words_compile: '(i32, i32, i32) -> i32',
    words_find: '(i32, i32, i32, i32, i32) -> i32',
    tokens_count: '(i32, i32, i32) -> i32',
    schema_compile: '(i32, i32, i32, i32) -> i32',
    schema_check: '(i32, i32, i32, i32, i32, i32) -> i32',
    base64url_encode: '(i32, i32, i32, i32) -> i32',
    base64url_decode: '(i32, i32, i32, i32) -> i32'
  },
  /**
   * Extism's kernel, for plugins written with one of its PDKs. Left out: http_request, http_status_code, http_headers
   * (a hook cannot wait for I/O). var_set stays, since it is how such a plugin keeps what on_configure gave it: the
   * host must bound it (memory.maxVarBytes), as it must bound alloc.
   */
  'extism:host/env': {
    alloc: '(i64) -> i64',
    free: '(i64) -> ()',
    length: '(i64) -> i64',
    length_unsafe: '(i64) -> i64',
    load_u8: '(i64) -> i32',
    load_u64: '(i64) -> i64',
    store_u8: '(i64, i32) -> ()',
    store_u64: '(i64, i64) -> ()',
    input_offset: '() -> i64',
    input_length: '() -> i64',
    input_load_u8: '(i64) -> i32',
    input_load_u64: '(i64) -> i64',
    output_set: '(i64, i64) -> ()',
    error_set: '(i64) -> ()',
    error_get: '() -> i64',
    config_get: '(i64) -> i64',
    var_get: '(i64) -> i64',
    var_set: '(i64, i64) -> ()',
    log_trace: '(i64) -> ()',
    log_debug: '(i64) -> ()',
    log_info: '(i64) -> ()',
    log_warn: '(i64) -> ()',
    log_error: '(i64) -> ()',
    get_log_level: '() -> i32'
  }
} as const satisfies HostFunctions
