/**
 * `navigator.permissions` for camera and microphone: the application asks for them itself, a page
 * that runs inside it has them.
 */

class GrantedPermission extends EventTarget {
  readonly state = 'granted';
  readonly name: string;
  onchange: ((event: Event) => unknown) | null = null;

  constructor(name: string) {
    super();
    this.name = name;
  }
}

/** Answers for camera and microphone; the rest is the webview's. */
export function patchPermissions(navigator: Navigator): void {
  const native = navigator.permissions as Permissions | undefined;
  const query = async (descriptor: PermissionDescriptor): Promise<unknown> => {
    const name = String(descriptor.name);
    if (name === 'camera' || name === 'microphone') return new GrantedPermission(name);
    if (!native) throw new TypeError(`'${name}' is not a permission known here`);
    return nativeQuery?.call(native, descriptor);
  };
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with its object above
  const nativeQuery = native?.query;
  const target = native ?? {};
  Object.defineProperty(target, 'query', { value: query, configurable: true, writable: true });
  if (!native) {
    Object.defineProperty(navigator, 'permissions', { value: target, configurable: true });
  }
}
