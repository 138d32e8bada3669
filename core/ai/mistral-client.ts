import { type HeaderList, header } from '../base/headers.js'

/** Whether the client is Mistral's own, which speaks OpenAI's dialect and takes less of it: see `Wish.mistrals`. */
export function isMistrals(headers: HeaderList): boolean {
  const agent = header(headers, 'user-agent') ?? ''
  if (agent !== lastAgent) {
    lastAgent = agent
    lastIs = /mistral/i.test(agent)
  }
  return lastIs
}

/** The one that was looked at last: it is mostly the next one, too. */
let lastAgent = ''
let lastIs = false
