import { Buffer } from 'node:buffer'
import { parsedObject } from '../../ai/lenient.js'
import type { JsonObject } from '../../ai/members.js'
import { GatewayError } from '../../base/errors.js'
import { httpClient, sendBy } from '../../upstream/http.js'
import { collect } from '../collect.js'

const TIMEOUTS = { connect: 5_000, headers: 10_000, idle: 10_000 }
const ANSWER_BYTES = 1_048_576

/**
 * Asks an authorisation server for a token (RFC 6749 §4): seldom, so the connection is not kept.
 * @throws GatewayError GW_AI_CREDENTIAL with what the server said, GW_UPSTREAM_*
 */
export async function postForm(url: string, form: Readonly<Record<string, string>>): Promise<JsonObject> {
  const { origin, pathname, search } = new URL(url)
  const client = httpClient(origin, 1, TIMEOUTS.connect)
  try {
    const request = {
      method: 'POST',
      target: pathname + search,
      headers: ['content-type', 'application/x-www-form-urlencoded', 'accept', 'application/json'],
      body: Buffer.from(new URLSearchParams(form).toString())
    }
    const reply = await sendBy(client, request, TIMEOUTS)
    const text = (await collect(reply.body, ANSWER_BYTES, 'GW_UPSTREAM_BODY_TOO_LARGE')).toString()
    const answer = parsedObject(text)
    if (reply.status === 200 && answer !== undefined) return answer
    throw new GatewayError('GW_AI_CREDENTIAL', `${origin}: no token, status ${reply.status}: ${text.slice(0, 300)}`)
  } finally {
    void client.close()
  }
}
