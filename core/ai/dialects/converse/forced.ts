/**
 * Whether a model can be made to call: any tool, one by its name, too, or neither, where a request that says so is refused
 * (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ToolChoice.html). An ARN that does not say what it is of is let.
 */
export function forcedIn(model: string): 'named' | 'any' | 'no' {
  if (/claude|\bnova\b|amazon\.nova/.test(model)) return 'named'
  if (/mistral-large/.test(model)) return 'any'
  return /^arn:/.test(model) && !/(?:foundation-model|[^-]inference-profile)\/./.test(model) ? 'named' : 'no'
}
