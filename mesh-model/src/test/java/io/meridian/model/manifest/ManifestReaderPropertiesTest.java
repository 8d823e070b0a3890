package io.meridian.model.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.meridian.model.resource.CanonicalJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class ManifestReaderPropertiesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Property(tries = 1000)
    void arbitraryBytesNeverThrow(@ForAll byte[] bytes) {
        assertThat(ManifestReader.read("fuzz", bytes, "default")).isNotNull();
    }

    @Property(tries = 2000)
    void arbitraryMixturesOfYamlSyntaxNeverThrow(@ForAll("yamlish") String text) {
        assertThat(ManifestReader.read("fuzz", text.getBytes(StandardCharsets.UTF_8), "default"))
                .isNotNull();
    }

    @Property(tries = 300)
    void canonicalJsonIsStableAndMeansTheSame(@ForAll("json") Object value) throws IOException {
        ByteString once = CanonicalJson.write(JSON.valueToTree(value));

        assertThat(CanonicalJson.write(JSON.readTree(once.newInput()))).isEqualTo(once);
        assertThat(JSON.readTree(once.newInput())).isEqualTo(JSON.readTree(JSON.writeValueAsBytes(value)));
    }

    @Property(tries = 300)
    void jsonReadAsAManifestKeepsItsSpec(@ForAll("json") Object value) throws JsonProcessingException {
        Map<String, Object> spec = Map.of("value", value);
        byte[] doc = JSON.writeValueAsBytes(
                Map.of("apiVersion", "a/v1", "kind", "X", "metadata", Map.of("name", "x"), "spec", spec));

        Manifest manifest = ManifestReader.read("x", doc, "default");

        assertThat(manifest.violations()).isEmpty();
        assertThat(((Document.ResourceDocument) manifest.docs().getFirst())
                        .put()
                        .spec())
                .isEqualTo(CanonicalJson.write(JSON.valueToTree(spec)));
    }

    @Provide
    Arbitrary<String> yamlish() {
        return Arbitraries.of(
                        "apiVersion: networking.istio.io/v1\n",
                        "kind: Gateway\n",
                        "metadata:",
                        "spec:",
                        "  name: a\n",
                        "- ",
                        "? ",
                        ": ",
                        "&a ",
                        "*a",
                        "[",
                        "]",
                        "{",
                        "}",
                        ",",
                        "\n",
                        "  ",
                        "---\n",
                        "...\n",
                        "!!str ",
                        "!x ",
                        "<<",
                        "'",
                        "\"",
                        "|\n",
                        ">-\n",
                        "#",
                        "%YAML 1.1\n",
                        "\t",
                        "\u0000",
                        "é",
                        "0x",
                        "1",
                        "null",
                        "items:\n",
                        "kind: List\n")
                .list()
                .ofMaxSize(40)
                .map(parts -> String.join("", parts));
    }

    @Provide
    Arbitrary<Object> json() {
        Arbitrary<Object> scalar = Arbitraries.oneOf(
                Arbitraries.strings()
                        .alpha()
                        .numeric()
                        .withChars("-./ *")
                        .ofMaxLength(10)
                        .map(text -> text),
                Arbitraries.integers().map(number -> number),
                Arbitraries.of(true, false));
        Arbitrary<Object> list = scalar.list().ofMaxSize(4).map(items -> (Object) List.copyOf(items));
        Arbitrary<Object> inner = Arbitraries.oneOf(scalar, list);
        return Arbitraries.maps(Arbitraries.strings().alpha().ofMinLength(1).ofMaxLength(6), inner)
                .ofMaxSize(5)
                .map(map -> map);
    }
}
