/**
 * Personal data and secrets in texts: what the policies that mask them are made of.
 *
 *     import { Kind, lookAt, want } from '@sluice/plugin-sdk/assembly/pii'
 *
 * Say what is looked for with `want`, what may stay with `prepareAllow`; `lookAt` reports what it finds, `edit` and `edited` put something else there.
 */
export { prepareAllow } from './allow'
export { decoded, encoded, nested } from './coded'
export { beginEdits, edit, edited, hasEdits } from './edits'
export { Kind, KIND_NAMES, LABELS, want, wants } from './kinds'
export { lookAt } from './look'
export { maskNeedsValue, maskOf, prepareMask } from './mask'
export { Found } from './scan'
