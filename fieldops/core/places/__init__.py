"""The working area (kecamatan, kelurahan) and the sites where service happens."""
