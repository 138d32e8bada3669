import { clientPlace, type Placing } from '../../ai/dialects/client-places.js'
import type { Dropped } from '../../ai/dialects/dialect.js'

/** Names of what was dropped, with the places of messages, parts and tools as the caller has them. */
export function inPlace(dropped: Dropped, placing: Placing): Dropped {
  return { drop: name => dropped.drop(clientPlace(name, placing)) }
}
