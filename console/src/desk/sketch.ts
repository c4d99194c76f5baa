// A map that is copied when it is first changed, so that a whole batch costs one copy.
import { Layers } from "./layers";

export class Sketch<K, V> {
  #base: ReadonlyMap<K, V>;
  #copy: Map<K, V> | Layers<K, V> | null = null;

  constructor(base: ReadonlyMap<K, V>) {
    this.#base = base;
  }

  get value(): ReadonlyMap<K, V> {
    return this.#copy ?? this.#base;
  }

  get(key: K): V | undefined {
    return this.value.get(key);
  }

  has(key: K): boolean {
    return this.value.has(key);
  }

  set(key: K, value: V): void {
    if (this.value.get(key) === value && this.value.has(key)) return;
    this.#own().set(key, value);
  }

  delete(key: K): void {
    if (this.value.has(key)) this.#own().delete(key);
  }

  clear(): void {
    if (this.value.size) this.#copy = new Map();
  }

  #own(): Map<K, V> | Layers<K, V> {
    this.#copy ??= this.#base instanceof Layers ? this.#base.copy() : new Map(this.#base);
    return this.#copy;
  }
}
