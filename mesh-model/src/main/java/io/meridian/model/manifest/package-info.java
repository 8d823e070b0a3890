/**
 * From the bytes of a YAML or JSON file to the intents of a command, each value with its line and column. Knows the form of Kubernetes objects; which
 * kinds and fields are good is judged by {@code model.istio}.
 */
@NullMarked
package io.meridian.model.manifest;

import org.jspecify.annotations.NullMarked;
