"""The examples of the RFCs, value by value."""

from rtlab.push.keys import from_text

# RFC 8188, Section 3.1 – Encryption of a Response
WALRUS = b"I am the walrus"
ONE_RECORD = {
    "ikm": from_text("yqdlZ-tYemfogSmv7Ws5PQ"),
    "prk": from_text("zyeH5phsIsgUyd4oiSEIy35x-gIi4aM7y0hCF8mwn9g"),
    "cek": from_text("_wniytB-ofscZDh4tbSjHw"),
    "nonce": from_text("Bcs8gkIRKLI8GeI8"),
    "body": from_text("I1BsxtFttlv3u_Oo94xnmwAAEAAA-NAVub2qFgBEuQKRapoZu-IxkIva3MEB1PD-ly8Thjg"),
}
# RFC 8188, Section 3.2 – Encryption with Multiple Records
TWO_RECORDS = {
    "ikm": from_text("BO3ZVPxUlnLORbVGMpbT1Q"),
    "body": from_text(
        "uNCkWiNYzKTnBN9ji3-qWAAAABkCYTHOG8chz_gnvgOqdGYovxyjuqRyJFjEDyoF1Fvkj6hQPdPHI51OEUKEpgz3SsLWIqS_uA"
    ),
}

# RFC 8291, Section 5 – Push Message Encryption Example
WATERMELON = b"When I grow up, I want to be a watermelon"
SENDER_PUBLIC = from_text(
    "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
)
SENDER_PRIVATE = from_text("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")
DEVICE_PUBLIC = from_text(
    "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
)
DEVICE_PRIVATE = from_text("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94")
AUTH = from_text("BTBZMqHH6r4Tts7J_aSIgg")
SALT = from_text("DGv6ra1nlYgDCS1FRnbzlw")
BODY = from_text(
    "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml"
    "mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT"
    "pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
)
# RFC 8291, Appendix A – Intermediate Values for Encryption
STEPS = {
    "ecdh_secret": from_text("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs"),
    "prk_key": from_text("Snr3JMxaHVDXHWJn5wdC52WjpCtd2EIEGBykDcZW32k"),
    "key_info": from_text(
        "V2ViUHVzaDogaW5mbwAEJXGyvs3942BVGq8e0PTNNmwRzr5VX4m8t7GGpTM5FzFo"
        "7OLr4BhZe9MEebhuPI-OztV3ylkYfpJGmQ22ggCLDgT-M_SrDepxkU21WCP3O1SU"
        "j0EwbZIHMtu5pZpTKGSCIA5Zent7wmC6HCJ5mFgJkuk5cwAvMBKiiujwa7t45ewP"
    ),
    "ikm": from_text("S4lYMb_L0FxCeq0WhDx813KgSYqU26kOyzWUdsXYyrg"),
    "prk": from_text("09_eUZGrsvxChDCGRCdkLiDXrReGOEVeSCdCcPBSJSc"),
    "cek": from_text("oIhVW04MRdy2XN9CiKLxTg"),
    "nonce": from_text("4h_95klXJ5E_qnoN"),
}
CIPHERTEXT = from_text("8pfeW0KbunFT06SuDKoJH9Ql87S1QUrdirN6GcG7sFz1y1sqLgVi1VhjVkHsUoEsbI_0LpXMuGvnzQ")

# RFC 8292, Section 2.4 – Example
TOKEN = (
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsIn"
    "N1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmys"
    "azNjjvW2L9OkSSHzvoD1oA"
)
TOKEN_KEY = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs"
TOKEN_ORIGIN = "https://push.example.net"
TOKEN_EXPIRES = 1453523768
