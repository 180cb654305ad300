import { Component, type ComponentType, type JSX } from 'preact';

/** A component that is drawn again only when one of its properties is another object or value than before. */
export function once<P extends object>(Drawn: ComponentType<P>): ComponentType<P> {
  return class Once extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const keys = new Set([...Object.keys(this.props), ...Object.keys(next)]) as Set<keyof P>;
      return [...keys].some((key) => next[key] !== (this.props as P)[key]);
    }

    override render(): JSX.Element {
      return <Drawn {...this.props} />;
    }
  };
}
