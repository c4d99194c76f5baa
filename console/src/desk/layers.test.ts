// @vitest-environment node
import fc from "fast-check";
import { expect, it } from "vitest";
import { Layers } from "./layers";

it("is a map, whatever was done to it and however often it was copied", () => {
  const step = fc.record({ key: fc.integer({ min: 0, max: 700 }), what: fc.constantFrom("set", "delete", "copy") });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 2000, size: "max" }), (steps) => {
      const plain = new Map<number, number>();
      let layers = new Layers<number, number>();
      let before: { was: Layers<number, number>; entries: [number, number][] } | null = null;
      for (const [n, { key, what }] of steps.entries()) {
        if (what === "copy") {
          before = { was: layers, entries: [...layers] };
          layers = layers.copy();
        } else if (what === "set") {
          plain.set(key, n);
          layers.set(key, n);
        } else {
          plain.delete(key);
          layers.delete(key);
        }
        expect(layers.get(key)).toBe(plain.get(key));
        expect(layers.has(key)).toBe(plain.has(key));
      }
      expect(layers.size).toBe(plain.size);
      expect(new Map(layers)).toEqual(plain);
      expect(new Set(layers.keys())).toEqual(new Set(plain.keys()));
      if (before) expect([...before.was]).toEqual(before.entries);
    }),
    { numRuns: 20 },
  );
});
