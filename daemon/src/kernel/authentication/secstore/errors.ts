import { CloudError } from '@welkin/interface'

export function nameTaken (name: string): CloudError {
  return new CloudError('EEXIST', `There is a user ${name} already; take another name, or remove that one by ` +
    `"welkin user rm ${name}".`)
}

/** Says no more than that, so that nobody learns who exists. */
export function wrongPassword (): CloudError {
  return new CloudError('EACCES', 'The user or the password is wrong.')
}
