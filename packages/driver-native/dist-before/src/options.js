import { CloudError } from '@welkin/interface';
const MEBIBYTE = 1024 * 1024;
const DEFAULTS = { segmentBytes: 8 * MEBIBYTE, segmentsMax: 8, lingerMs: 5000 };
/** What the shepherd is started with. Throws EINVAL for what is not a whole number above 0. */
export function shepherdOptions({ lingerMs, segmentBytes, segmentsMax }) {
    const options = {
        segmentBytes: segmentBytes ?? DEFAULTS.segmentBytes,
        segmentsMax: segmentsMax ?? DEFAULTS.segmentsMax,
        lingerMs: lingerMs ?? DEFAULTS.lingerMs
    };
    for (const [name, value] of Object.entries(options)) {
        if (Number.isInteger(value) && value > 0)
            continue;
        throw new CloudError('EINVAL', `The option ${name} is ${value}; give a whole number above 0.`);
    }
    return options;
}
//# sourceMappingURL=options.js.map