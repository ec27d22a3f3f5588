// Nothing that axe finds on any page with data, in part or whole.
import { testWithAxe } from "../support/axe-views.ts";

testWithAxe(["partial", "full"]);
