/**
 * Questions about nodes: `find`'s query as text and as data, its answer out of views of nodes, what it can find at a
 * site by the site's summary, and why it finds nothing. Pure: whoever asks brings nodes and distances.
 */
export { parseQuery } from './parse.ts'
export { formatQuery } from './format.ts'
export { checkQuery } from './check.ts'
export { HERE, targetsOf, type Place, type Surroundings } from './surroundings.ts'
export { select, type Selected, type Selection } from './select.ts'
export { whyNot, type WhyNot } from './why-not.ts'
export { summarise } from './summarise.ts'
export { expectedMatches, mayMatch } from './may-match.ts'
export { compileCost, USUAL_WEIGHTS } from './cost.ts'
export { ATTRIBUTES, comparedWith, fullness, type Attribute } from './attributes.ts'
export { attributeManual } from './manual.ts'
export { parseAmount, type Unit } from './units.ts'
