/** Members of OpenAI's own request that have no place in the canonical chat. */
export const OWN_MEMBERS: ReadonlySet<string> = new Set([
  'audio',
  'modalities',
  'moderation',
  'prediction',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'safety_identifier',
  'store',
  'web_search_options'
])

/**
 * Members that providers who speak OpenAI's dialect added to it, and that mean the same wherever they are known. A request that was read from
 * this dialect may have them; what a provider does not take is taken out before (core/ai/providers/quirks.ts).
 */
export const ADDED_MEMBERS: ReadonlySet<string> = new Set([
  // vLLM, Together, Fireworks, DeepInfra, OpenRouter
  'min_p',
  'top_a',
  'typical_p',
  'repetition_penalty',
  'length_penalty',
  'min_tokens',
  'ignore_eos',
  'stop_token_ids',
  'bad_words',
  'chat_template',
  'chat_template_kwargs',
  'add_generation_prompt',
  'continue_final_message',
  'guided_json',
  'guided_regex',
  'guided_choice',
  'guided_grammar',
  'structured_outputs',
  // a response_format of a provider's own kind
  'response_format',
  // reasoning
  'reasoning',
  'reasoning_format',
  'include_reasoning',
  'thinking',
  'enable_thinking',
  'thinking_budget',
  'clear_thinking',
  // OpenRouter, Vercel
  'provider',
  'providerOptions',
  'models',
  'plugins',
  'route',
  'transforms',
  'usage',
  // Perplexity, xAI, Groq, Alibaba
  'search_mode',
  'search_parameters',
  'search_settings',
  'search_domain_filter',
  'search_recency_filter',
  'search_after_date_filter',
  'search_before_date_filter',
  'last_updated_after_filter',
  'last_updated_before_filter',
  'return_images',
  'return_related_questions',
  'disable_search',
  'enable_search',
  'search_options',
  'media_response',
  'documents',
  'citation_options',
  'compound_custom',
  // Mistral
  'safe_prompt',
  'random_seed',
  'prompt_mode'
])
