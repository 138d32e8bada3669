import type { ChatMessage } from '../../ai/chat.js'
import type { Dropped } from '../../ai/dialects/dialect.js'

/**
 * Names of what was dropped, with the places of messages as the caller has them: a provider may have put instructions of ours between.
 * @param before - the messages as they were read
 * @param after - as they are written
 */
export function inPlace(dropped: Dropped, before: readonly ChatMessage[], after: readonly ChatMessage[]): Dropped {
  const places = after.map(message => before.indexOf(message))
  return {
    drop: name =>
      dropped.drop(
        name.replace(/^messages\[(\d+)\]/, (whole, at: string) => {
          const place = places[Number(at)] ?? -1
          return place === -1 ? whole : `messages[${place}]`
        })
      )
  }
}
