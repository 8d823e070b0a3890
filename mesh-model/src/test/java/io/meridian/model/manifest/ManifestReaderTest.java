package io.meridian.model.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import io.meridian.model.manifest.Document.NamespaceDocument;
import io.meridian.model.manifest.Document.ResourceDocument;
import io.meridian.model.mesh.RejectionCode;
import io.meridian.model.mesh.Violation;
import io.meridian.model.resource.ResourceKey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestReaderTest {
    private static final String RULE = """
        apiVersion: networking.istio.io/v1
        kind: DestinationRule
        metadata:
          name: shop
          labels: {app.kubernetes.io/name: shop}
        spec:
          host: shop
          subsets:
          - name: v1
            labels: {version: v1}
        """;

    private static Manifest read(String text) {
        return ManifestReader.read("rules.yaml", text.getBytes(StandardCharsets.UTF_8), "default");
    }

    private static Violation onlyViolation(String text) {
        List<Violation> violations = read(text).violations();
        assertThat(violations).hasSize(1);
        return violations.getFirst();
    }

    @Test
    void aDocumentBecomesAPutWithCanonicalSpec() {
        Manifest manifest = read("# first\n---\n" + RULE + "---\n");

        assertThat(manifest.violations()).isEmpty();
        assertThat(manifest.docs()).singleElement().isInstanceOfSatisfying(ResourceDocument.class, doc -> {
            assertThat(doc.put().key())
                    .isEqualTo(new ResourceKey("networking.istio.io", "DestinationRule", "default", "shop"));
            assertThat(doc.put().apiVersion()).isEqualTo("networking.istio.io/v1");
            assertThat(doc.put().labels()).containsEntry("app.kubernetes.io/name", "shop");
            assertThat(doc.put().spec().toStringUtf8())
                    .isEqualTo("{\"host\":\"shop\",\"subsets\":[{\"labels\":{\"version\":\"v1\"},\"name\":\"v1\"}]}");
            assertThat(doc.origin().source()).isEqualTo("rules.yaml");
            assertThat(doc.origin().line()).isEqualTo(3);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "spec.host, 7, 3",
        "spec.subsets[0].labels[version], 10, 14",
        "spec.subsets[0].trafficPolicy.tls, 9, 5",
        "metadata.labels[app.kubernetes.io/name], 5, 12",
        "spec.subsets[7], 8, 3",
        "nothing.of.the[sort, 1, 1",
    })
    void aFieldIsFoundAtItsLineAndColumnOrTheNearestAround(String path, int line, int column) {
        assertThat(read(RULE).docs().getFirst().locate(path)).isEqualTo(new Place(line, column));
    }

    @Test
    void jsonAndListsAreReadToo() {
        Manifest manifest = read("""
            {"apiVersion": "v1", "kind": "List", "items": [
            \t{"apiVersion": "networking.istio.io/v1", "kind": "Gateway", "metadata": {"name": "a"}, "spec": {"x": "\\ud83d\\ude00"}},
            \t{"apiVersion": "networking.istio.io/v1", "kind": "Gateway", "metadata": {"name": "b"}}
            ]}
            """);

        assertThat(manifest.violations()).isEmpty();
        assertThat(manifest.puts()).extracting(put -> put.key().name()).containsExactly("a", "b");
        assertThat(((ResourceDocument) manifest.docs().getFirst()).put().spec().toStringUtf8())
                .isEqualTo("{\"x\":\"😀\"}");
    }

    @Test
    void aNamespaceIsADocumentOfItsOwn() {
        Manifest manifest = read(
                "{apiVersion: v1, kind: Namespace, metadata: {name: shop, labels: {team: a}}, status: {phase: Active}}");

        assertThat(manifest.docs()).singleElement().isInstanceOfSatisfying(NamespaceDocument.class, doc -> {
            assertThat(doc.name()).isEqualTo("shop");
            assertThat(doc.spec().getLabelsMap()).containsEntry("team", "a");
        });
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "80 | 80",
                "80.0 | 80",
                "0.5 | 0.5",
                "1e2 | 100",
                "0x1F | 31",
                "0o17 | 15",
                "on | true",
                "No | false",
                "~ | null",
                "'on' | \"on\"",
                "1.2.3 | \"1.2.3\"",
                "5s | \"5s\"",
                "2024-01-01 | \"2024-01-01\"",
                "!!str 80 | \"80\"",
                "123456789012345678901234567890 | 123456789012345678901234567890",
                ".inf | \".inf\"",
            },
            quoteCharacter = '`')
    void plainScalarsMeanWhatTheyMeanToKubectl(String written, String json) {
        Manifest manifest = read("apiVersion: a/v1\nkind: X\nmetadata: {name: x}\nspec:\n  value: " + written + "\n");

        assertThat(manifest.violations()).isEmpty();
        assertThat(((ResourceDocument) manifest.docs().getFirst()).put().spec().toStringUtf8())
                .isEqualTo("{\"value\":" + json + "}");
    }

    @Test
    void malformedYamlIsRefusedWithLineAndColumn() {
        Violation violation = onlyViolation(RULE + "  bad: [1, 2\n---\n");

        assertThat(violation.code()).isEqualTo(RejectionCode.MALFORMED_MANIFEST);
        assertThat(violation.message()).startsWith("line 12, column 1: malformed YAML");
        assertThat(violation.origin().source()).isEqualTo("rules.yaml");
        assertThat(violation.origin().line()).isEqualTo(12);
    }

    @ParameterizedTest(name = "{1} at {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{apiVersion: v1, kind: Namespace, kind: Pod, metadata: {name: a}} | MALFORMED_MANIFEST | line 1, column 35: duplicate key \"kind\" (first at line 1, column 18)",
                "just text | MALFORMED_MANIFEST | line 1, column 1: a document must be an object",
                "{kind: Gateway, metadata: {name: a}} | MALFORMED_MANIFEST | line 1, column 1: apiVersion is required",
                "{apiVersion: networking.istio.io/v1, kind: Gateway, spec: {}} | INVALID_FIELD | line 1, column 1: metadata is required",
                "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: 5}} | INVALID_FIELD | line 1, column 70: must be a string, but 5 is not one: put it in quotes",
                "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {generateName: g-}} | INVALID_NAME | line 1, column 64: is not supported, since",
                "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: g, lables: {}}} | UNKNOWN_FIELD | line 1, column 73: unknown field \"lables\"",
                "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: g}, spce: {}} | UNKNOWN_FIELD | line 1, column 74: unknown field \"spce\"",
                "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: g}, spec: []} | INVALID_FIELD | line 1, column 80: spec must be an object",
                "{a: *nowhere} | MALFORMED_MANIFEST | line 1, column 5: malformed YAML: no anchor &nowhere",
                "&a [*a] | MALFORMED_MANIFEST | line 1, column 5: malformed YAML: no anchor &a",
            })
    void whatIsNoObjectIsRefusedAtItsPlace(String text, RejectionCode code, String message) {
        Violation violation = onlyViolation(text);

        assertThat(violation.code()).isEqualTo(code);
        assertThat(violation.message()).startsWith(message);
    }

    @Test
    void hugeDeepAndExplodingManifestsAreRefused() {
        assertThat(onlyViolation("#".repeat(ManifestReader.MAX_BYTES + 1)).code())
                .isEqualTo(RejectionCode.TOO_LARGE);
        assertThat(onlyViolation("[".repeat(100_000)).code()).isEqualTo(RejectionCode.TOO_LARGE);
        assertThat(onlyViolation("? ".repeat(50_000)).code()).isEqualTo(RejectionCode.TOO_LARGE);
        StringBuilder bomb = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x]\n");
        for (int i = 1; i < 30; i++) {
            String alias = "*a" + (i - 1);
            bomb.append("a%d: &a%d [%s,%s,%s,%s,%s]%n".formatted(i, i, alias, alias, alias, alias, alias));
        }
        assertThat(onlyViolation(bomb.toString()).code()).isEqualTo(RejectionCode.TOO_LARGE);
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() {
        Manifest manifest = ManifestReader.read("x", new byte[] {'a', '\n', 'b', (byte) 0xff}, "default");

        assertThat(manifest.violations())
                .singleElement()
                .satisfies(violation -> assertThat(violation.message())
                        .isEqualTo("line 2, column 2: the manifest is not UTF-8: byte 3 cannot be decoded"));
    }

    @Test
    void mergeKeysAddWhatIsNotThere() {
        Manifest manifest = read("""
            apiVersion: a/v1
            kind: X
            metadata: {name: x}
            spec:
              base: &base {a: 1, b: 2}
              more: {b: 3, <<: *base}
            """);

        assertThat(((ResourceDocument) manifest.docs().getFirst()).put().spec().toStringUtf8())
                .isEqualTo("{\"base\":{\"a\":1,\"b\":2},\"more\":{\"a\":1,\"b\":3}}");
    }
}
