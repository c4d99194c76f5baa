// Tests wait as long as a busy machine needs: what never comes still fails, only later.
import { configure } from "@testing-library/react";

configure({ asyncUtilTimeout: 15_000 });
