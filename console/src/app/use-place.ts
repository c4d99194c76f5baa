// Where the operator is.
import { useMemo } from "react";
import { useLocation, useSearch } from "wouter";
import { type Place, readPlace } from "./places";

export function usePlace(): Place {
  const [path] = useLocation();
  const query = useSearch();
  return useMemo(() => readPlace(path, query), [path, query]);
}
