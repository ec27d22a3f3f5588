// Nothing that axe finds on any page that has nothing to show: empty, loading, failed.
import { testWithAxe } from "../support/axe-views.ts";

testWithAxe(["empty", "loading", "error"]);
