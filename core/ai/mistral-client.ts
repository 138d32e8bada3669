import { type HeaderList, header } from '../base/headers.js'

/** Whether the client is Mistral's own, which speaks OpenAI's dialect and takes less of it: see `Wish.mistrals`. */
export function isMistrals(headers: HeaderList): boolean {
  return /mistral/i.test(header(headers, 'user-agent') ?? '')
}
