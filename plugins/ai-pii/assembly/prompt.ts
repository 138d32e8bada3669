import { AiMessage, AiVerdict, Json, PromptView, ToolView } from '@sluice/plugin-sdk/assembly'
import { KIND_NAMES } from '@sluice/plugin-sdk/assembly/pii'
import { beginFindings, deniedBy, findingCount, isDecided, isTooMuch, summary } from './findings'
import { masked, maskedJson, maskedText } from './mask'
import { changedMessage } from './message'
import { isVaultEmpty, isVaultFull, openVault, sealVault } from './vault'

let note = ''
let status = 422

export function preparePrompt(theNote: string, theStatus: i32): void {
  note = theNote
  status = theStatus
}

/** Masks all of a prompt. */
export function maskPrompt(prompt: PromptView): AiVerdict {
  openVault()
  beginFindings()
  const verdict = AiVerdict.next()
  for (let i = 0; i < prompt.messages.length && !isDecided(); i++) {
    const message = changedMessage(prompt.messages.at(i), maskedText, maskedJsonText)
    if (message !== null) verdict.replaceMessage(i, message)
  }
  for (let i = 0; i < prompt.tools.length && !isDecided(); i++) maskTool(prompt.tools.at(i), verdict)
  const parameters = prompt.parameters()
  if (!isDecided()) maskParameters(parameters, verdict)
  if (isDecided()) return denied()
  // No text comes back but a chat's: there is nothing to put back elsewhere, nor a model to be told.
  if (prompt.isChat && isVaultFull()) return deny('vault', 'The prompt has more personal data than can be put back.')
  // What is only written like a placeholder means nothing where there are none.
  if (findingCount() == 0) return AiVerdict.next()
  verdict.tag('pii', 'masked').tag('pii.types', summary())
  if (!prompt.isChat || isVaultEmpty()) return verdict
  if (note != '') verdict.insertMessage(placeOfNote(prompt), AiMessage.system(note))
  return verdict.setState(sealVault(parameters.get('response_format').get('type').asString().startsWith('json')))
}

function maskedJsonText(text: string): string {
  return maskedJson(text)
}

function maskTool(tool: ToolView, verdict: AiVerdict): void {
  const description = masked(tool.description)
  const schema = tool.parametersText
  const parameters = schema == '' ? schema : maskedJson(schema, false)
  if (description == tool.description && parameters == schema) return
  const json = Json.parse(parameters == '' ? '{}' : parameters)
  if (json !== null) verdict.removeTool(tool.name).addTool(tool.name, description, json)
}

/** Texts of all parameters but the form of the answer: that is the client's code, and holds no one's data. */
function maskParameters(parameters: Json, verdict: AiVerdict): void {
  const patch = Json.object()
  for (let i = 0; i < parameters.length; i++) {
    const name = parameters.keyAt(i)
    if (name == 'response_format' || name == 'prompt_variables') continue // these are in the messages
    const before = parameters.at(i).toString()
    const after = maskedJson(before, false)
    if (after == before) continue
    const now = Json.parse(after)
    if (now !== null) patch.set(name, now)
  }
  if (patch.length > 0) verdict.setParameters(patch)
}

/** Behind the instructions that come first. */
function placeOfNote(prompt: PromptView): i32 {
  let at = 0
  while (at < prompt.messages.length && isInstruction(prompt.messages.at(at).role)) at++
  return at
}

function isInstruction(role: string): bool {
  return role == 'system' || role == 'developer'
}

/** Names the kind, not the value: the answer must not spread what it keeps out. */
function denied(): AiVerdict {
  if (isTooMuch()) return deny('count', 'The prompt has too much personal data.')
  const name = KIND_NAMES[deniedBy]
  return deny(name, 'The prompt has personal data or a secret (' + name + ').')
}

function deny(rule: string, detail: string): AiVerdict {
  return AiVerdict.deny(status, detail).tag('pii', 'denied').tag('pii.rule', rule)
}
