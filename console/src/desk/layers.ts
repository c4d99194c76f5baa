// A large map of which a changed copy is cheap: a base that versions share, and what is different on top.
// A version is changed only by who made it, before it is given away.

/** With more than that on top, a copy gets a base of its own. */
const TOP_MOST = 512;

const GONE = Symbol("gone");

export class Layers<K, V> implements ReadonlyMap<K, V> {
  #base: ReadonlyMap<K, V>;
  #top: Map<K, V | typeof GONE>;
  #size: number;

  constructor(base: ReadonlyMap<K, V> = new Map<K, V>(), top: Map<K, V | typeof GONE> = new Map(), size = base.size) {
    this.#base = base;
    this.#top = top;
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  copy(): Layers<K, V> {
    if (this.#top.size > TOP_MOST) return new Layers(new Map(this));
    return new Layers(this.#base, new Map(this.#top), this.#size);
  }

  get(key: K): V | undefined {
    const over = this.#top.get(key);
    if (over !== undefined) return over === GONE ? undefined : over;
    return this.#base.get(key);
  }

  has(key: K): boolean {
    const over = this.#top.get(key);
    return over === undefined ? this.#base.has(key) : over !== GONE;
  }

  set(key: K, value: V): void {
    if (!this.has(key)) this.#size++;
    this.#top.set(key, value);
  }

  delete(key: K): void {
    if (!this.has(key)) return;
    this.#size--;
    if (this.#base.has(key)) this.#top.set(key, GONE);
    else this.#top.delete(key);
  }

  *entries(): MapIterator<[K, V]> {
    for (const [key, value] of this.#base) {
      const over = this.#top.get(key);
      if (over === undefined) yield [key, value];
      else if (over !== GONE) yield [key, over];
    }
    for (const [key, over] of this.#top) if (over !== GONE && !this.#base.has(key)) yield [key, over];
  }

  *keys(): MapIterator<K> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): MapIterator<V> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  forEach(visit: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.entries()) visit(value, key, this);
  }
}
