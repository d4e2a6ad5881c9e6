/** Without the values that are undefined: what is not known is left out. */
export function known<T extends object> (values: { [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T
}
