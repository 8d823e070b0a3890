/**
 * For conformance suites that bring their own resources: a gateway that serves whatever Envoy messages it is given, past the compiler. Test
 * code only.
 */
@NullMarked
package io.meridian.gateway.conformance;

import org.jspecify.annotations.NullMarked;
