import { createHash } from 'node:crypto'
import type { Who } from '../../ai/cache/ask.js'
import { header } from '../../base/headers.js'
import type { Exchange } from '../exchange.js'

/** Headers in which clients show who they are. */
const CREDENTIALS = ['authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'cookie']

/** Who asks, for what is kept by caller: tenant and consumer as policies say, or else what tells callers apart. */
export function whoOf({ consumer, tags, request }: Exchange): Who {
  const tenant = header(tags, 'tenant') ?? ''
  if (tenant !== '' || consumer !== '') return { tenant, consumer, credential: '' }
  const shown = CREDENTIALS.map(name => header(request.headers, name) ?? '').join('\n')
  const credential = shown.trim() === '' ? '' : createHash('sha256').update(shown).digest('base64url')
  return { tenant, consumer, credential }
}

/** Whose budgets count. */
export function payerOf(exchange: Exchange): string {
  return JSON.stringify([ownerOf(exchange), header(exchange.tags, 'app') ?? ''])
}

/** The same as one text. */
export function ownerOf(exchange: Exchange): string {
  const { tenant, consumer, credential } = whoOf(exchange)
  return JSON.stringify([tenant, consumer, credential])
}
