/** Said to models that know JSON only by a schema, or not at all, or that have to be told of it in words as well. */
export const JSON_ONLY = 'Answer with a single JSON object and nothing else: no words around it, no code fence.'
