import { duplicateName } from '../../ai/duplicate-names.js'
import { Refusal } from '../../base/refusal.js'
import type { Asked } from './asked.js'

/**
 * What policies look at has to be what the provider reads: of a name that is there twice the two may take different values.
 * @throws Refusal GW_AI_REQUEST_INVALID
 */
export function refuseDuplicates({ raw }: Asked): void {
  const path = duplicateName(raw)
  if (path !== undefined) throw thereTwice(path, 'object')
}

export function thereTwice(path: string, where: 'object' | 'form'): Refusal {
  const shown = path.length > SHOWN_PATH ? `${path.slice(0, SHOWN_PATH)}…` : path
  const detail = `${shown}: the name is there twice in its ${where}; expected it once`
  return new Refusal('GW_AI_REQUEST_INVALID', detail, [], { param: shown, detail })
}

/** Of a path, characters: names are the client's. */
const SHOWN_PATH = 200
