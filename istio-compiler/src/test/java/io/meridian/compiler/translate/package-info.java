/** Tests of the translations, from YAML as users write it to the fields of Envoy's messages that matter. */
@NullMarked
package io.meridian.compiler.translate;

import org.jspecify.annotations.NullMarked;
