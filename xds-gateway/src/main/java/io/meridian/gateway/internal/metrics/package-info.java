/** What the gateway counts and measures, by the names that Istio's dashboards know where Istio has one. */
@NullMarked
package io.meridian.gateway.internal.metrics;

import org.jspecify.annotations.NullMarked;
