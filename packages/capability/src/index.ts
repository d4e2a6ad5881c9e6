/** Capabilities are signed permissions that can only narrow: who may do what, proved without asking anybody. */
export { cidOf, openDelegation, sealDelegation, type Delegation, type DelegationTerms } from './delegation.ts'
export { checkGrants, includes, refusalBy, type Grant, type Resource, type Wanted } from './grant.ts'
export { Verifier, type Authority, type Counted, type VerifierPorts } from './verifier.ts'
export { openRevocation, sealRevocation, type Revocation } from './revocation.ts'
export { ROLES, isRole, type Role } from './roles.ts'
export { formatTicket, parseTicket, SECRET_BYTES, type Ticket } from './ticket.ts'
export { formatBearer, isBearer, parseBearer, type Bearer } from './bearer.ts'
export { toBase64Url } from './armour.ts'
