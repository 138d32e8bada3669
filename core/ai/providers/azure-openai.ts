import { GatewayError } from '../../base/errors.js'
import type { HeaderList } from '../../base/headers.js'
import { keyOf } from './bearer.js'
import { adaptOpenai, finishOpenai, openaiDialects } from './openai.js'
import { forwarded, methodOf, operationPath, pathOf } from './openai-address.js'
import type { Account, AuthTools, Credential, Provider, ProviderCall } from './provider.js'

/**
 * OpenAI's models at Azure, where a model is the name of a deployment. With a dated `apiVersion` ("2024-10-21") deployments are called by
 * their path, without one, or with "v1" or "preview", by the API that is OpenAI's own.
 * https://learn.microsoft.com/azure/ai-foundry/openai/reference, https://learn.microsoft.com/azure/ai-foundry/openai/api-version-lifecycle
 */
export const azureOpenai: Provider = {
  name: 'azure-openai',
  title: 'Azure OpenAI',
  baseUrl: undefined, // https://<resource>.openai.azure.com, or …services.ai.azure.com
  required: [],
  optional: ['apiVersion'],
  credentialParts: ['tenantId', 'clientId'],
  catalog: 'azure',

  dialects(operation, model, account) {
    const names = openaiDialects(operation, model)
    return hasResponses(account?.options.apiVersion) ? names : names.filter(name => name !== 'openai-responses')
  },

  address(call) {
    const version = call.account.options.apiVersion ?? 'v1'
    const path = DATED.test(version) ? deploymentPath(call, version) : versionedPath(call, version)
    // Where the path names the deployment, a body that names no model need not.
    const edits = path.includes('/deployments/') && call.body?.model === undefined ? { remove: ['model'] } : undefined
    return { method: methodOf(call.operation), path, headers: forwarded(call.headers), edits }
  },

  authorize(_request, credential, _account, tools) {
    if (credential?.parts.clientId !== undefined) return entra(credential, tools)
    const key = keyOf('azure-openai', credential)
    // A token of Microsoft Entra ID is a JWT, a key is not.
    return /^ey[\w-]+\.[\w-]+\.[\w-]*$/.test(key) ? ['authorization', `Bearer ${key}`] : ['api-key', key]
  },

  adapt: adaptOpenai,
  finish: finishOpenai
}

const DATED = /^\d{4}-\d\d-\d\d/

/** The first version with responses. */
const RESPONSES_SINCE = '2025-03-01'

function hasResponses(version = 'v1'): boolean {
  return !DATED.test(version) || version >= RESPONSES_SINCE
}

/** Operations that are not called by the path of a deployment. */
const ROOTED = /^(?:models|response-)/

function deploymentPath(call: ProviderCall, version: string): string {
  const prefix = rootOf(call.account, '/openai')
  const path = operationPath(call)
  const rooted = ROOTED.test(call.operation) || path === '/responses'
  const place = rooted ? path : `/deployments/${encodeURIComponent(call.model)}${path}`
  return withVersion(`${prefix}${place}`, call, version)
}

function versionedPath(call: ProviderCall, version: string): string {
  const prefix = rootOf(call.account, '/openai/v1')
  return version === 'v1' ? `${prefix}${pathOf(call)}` : withVersion(`${prefix}${operationPath(call)}`, call, version)
}

/** The client's query counts where something is asked for; what it says of the version is the operator's to say. */
function withVersion(path: string, call: ProviderCall, version: string): string {
  const query = new URLSearchParams(methodOf(call.operation) === 'GET' ? call.query : '')
  query.set('api-version', version)
  return `${path}?${query}`
}

/** What is still to come of `root` after the account's base URL, which may have all or some of it. */
function rootOf({ baseUrl }: Account, root: string): string {
  if (baseUrl.endsWith(root)) return ''
  return root !== '/openai' && baseUrl.endsWith('/openai') ? root.slice('/openai'.length) : root
}

const LIFE_LEFT_MS = 60_000
const SCOPE = 'https://cognitiveservices.azure.com/.default'

/** A token for the application (OAuth 2.0 client credentials), kept until a minute before its end. */
async function entra(credential: Credential, tools: AuthTools): Promise<HeaderList> {
  const { tenantId, clientId = '' } = credential.parts
  if (tenantId === undefined) {
    throw new GatewayError('GW_AI_CREDENTIAL', 'azure-openai: a credential with clientId needs tenantId, too')
  }
  const kept = tools.kept.get(SCOPE)
  if (kept !== undefined && kept.until > tools.now()) return ['authorization', `Bearer ${kept.value}`]
  const url = `https://login.microsoftonline.com/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`
  const answer = await tools.postForm(url, {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: keyOf('azure-openai', credential),
    scope: SCOPE
  })
  const { access_token: token, expires_in: seconds } = answer
  if (typeof token !== 'string') {
    throw new GatewayError('GW_AI_CREDENTIAL', `azure-openai: Entra ID gave no token for client ${clientId}`)
  }
  const life = Number(seconds) * 1_000
  if (life > LIFE_LEFT_MS) tools.kept.set(SCOPE, { value: token, until: tools.now() + life - LIFE_LEFT_MS })
  return ['authorization', `Bearer ${token}`]
}
