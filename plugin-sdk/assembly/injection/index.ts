/**
 * Signs of prompt injection in what people and tools say to a model, for policies that score it:
 * `prepareLexicon` in on_configure, then for each request `beginSigns`, `scoreText` of each text, and what is in `worst`.
 *
 *     import { beginSigns, prepareLexicon, scoreText, worst } from '@sluice/plugin-sdk/assembly/injection'
 *
 * It is not among what `@sluice/plugin-sdk/assembly` exports, since its tables take 2.5 MB in each instance.
 */
export { prepareLexicon } from './lexicon'
export { scoreText } from './score'
export { beginSigns, prepareSigns, worst, worstRole, worstSigns } from './signs'
