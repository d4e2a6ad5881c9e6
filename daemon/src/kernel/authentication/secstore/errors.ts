import { CloudError } from '@welkin/interface'

export function nameTaken (name: string): CloudError {
  return new CloudError('EEXIST', `There is a user ${name} already; take another name, or remove that one by ` +
    `"welkin user rm ${name}".`)
}

/** Says no more than that, so that nobody learns who exists. */
export function wrongPassword (): CloudError {
  return new CloudError('EACCES', 'The user or the password is wrong.')
}

export function silence (name: string, keepers: readonly string[]): CloudError {
  return new CloudError('EHOSTDOWN', `None of the nodes that keep the key of ${name} answers: ${keepers.join(', ')}; ` +
    'start one of them.', { fields: { nodes: [...keepers] } })
}
